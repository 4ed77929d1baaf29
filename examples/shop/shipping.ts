/** Where the shop stands: parcels inside the country cost less. */
export const homeCountry = 'United Kingdom'

const freeFromCents = 5000
const homeCents = 495
const abroadCents = 1495

/** What the parcel costs, in cents: nothing at home from 50.00 on, else a flat price by country. */
export function shippingCents(goodsCents: number, country: string): number {
  if (country !== homeCountry) return abroadCents
  return goodsCents >= freeFromCents ? 0 : homeCents
}
