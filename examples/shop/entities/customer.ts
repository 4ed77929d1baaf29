import { Collection } from '@mikro-orm/core'
import { ShopError } from '../errors.ts'
import { record } from '../facts.ts'

export interface NewAddress {
  street: string
  city: string
  postalCode: string
  country: string
}

/** Who buys. */
export class Customer {
  declare id: number
  declare email: string
  declare name: string
  declare registeredAt: Date
  declare addresses: Collection<Address>

  private constructor(email: string, name: string, registeredAt: Date) {
    this.email = email
    this.name = name
    this.registeredAt = registeredAt
    this.addresses = new Collection<Address>(this)
  }

  static register(input: { email: string; name: string; address: NewAddress; now: Date }): Customer {
    const customer = new Customer(input.email, input.name, input.now)
    customer.addAddress(input.address)
    record(customer, {
      type: 'CustomerRegistered',
      values: { email: input.email, name: input.name, registeredAt: input.now.toISOString() },
    })
    return customer
  }

  addAddress(address: NewAddress): Address {
    const added = new Address(this, address)
    this.addresses.add(added)
    return added
  }

  /** The address that orders go to: the given one, or the first. @throws ShopError ADDRESS_MISSING */
  deliveryAddress(addressId?: number): Address {
    const addresses = this.addresses.getItems()
    const chosen = addressId === undefined ? addresses[0] : addresses.find((address) => address.id === addressId)
    if (chosen) return chosen
    const which = addressId === undefined ? 'an address' : `the address ${addressId}`
    throw new ShopError('ADDRESS_MISSING', `customer ${this.id} does not have ${which}`)
  }
}

/** A place of a customer. */
export class Address {
  declare id: number
  declare customer: Customer
  declare street: string
  declare city: string
  declare postalCode: string
  declare country: string

  constructor(customer: Customer, address: NewAddress) {
    this.customer = customer
    this.street = address.street
    this.city = address.city
    this.postalCode = address.postalCode
    this.country = address.country
  }
}
