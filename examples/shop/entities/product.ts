import { Collection } from '@mikro-orm/core'
import { ShopError, wholeAmount } from '../errors.ts'
import { record } from '../facts.ts'

/** What people read of a product. */
export interface ProductText {
  name: string
  description: string | null
  /** Null where nobody has sorted it in. */
  category: string | null
}

export interface NewProduct {
  sku: string
  name: string
  /** Default: none, as for the category. */
  description?: string | null
  category?: string | null
  priceCents: number
  stock: number
  imageUrls?: string[]
}

/** What is sold. Its stock is what is in the house and not promised to a confirmed order. */
export class Product {
  declare id: number
  declare sku: string
  declare name: string
  declare description: string | null
  declare category: string | null
  declare priceCents: number
  declare stock: number
  declare version: number
  declare images: Collection<ProductImage>

  private constructor(input: NewProduct) {
    this.sku = input.sku
    this.name = input.name
    this.description = input.description ?? null
    this.category = input.category ?? null
    this.priceCents = wholeAmount('a price', input.priceCents, 1)
    this.stock = wholeAmount('a stock', input.stock, 0)
    this.images = new Collection<ProductImage>(this)
  }

  static add(input: NewProduct): Product {
    const { sku, priceCents, stock, imageUrls = [] } = input
    const product = new Product(input)
    for (const url of imageUrls) product.images.add(new ProductImage(product, product.images.length + 1, url))
    const values = { sku, ...product.text(), priceCents, stock, imageUrl: product.imageUrl() }
    record(product, { type: 'ProductAdded', values })
    return product
  }

  /** Changes the texts that are given. */
  describe(changes: Partial<ProductText>): void {
    const before = this.text()
    const after = { ...before, ...changes }
    if (after.name === before.name && after.description === before.description && after.category === before.category)
      return
    Object.assign(this, after)
    record(this, { type: 'ProductDescribed', values: after })
  }

  /** The first image: the one that lists show, and that a new order line freezes. Null where there is none. */
  imageUrl(): string | null {
    return this.images[0]?.url ?? null
  }

  addImage(url: string): void {
    const before = this.imageUrl()
    const last = this.images[this.images.length - 1]
    this.images.add(new ProductImage(this, (last?.position ?? 0) + 1, url))
    if (before === null) this.recordImage()
  }

  /** Replaces the first image. Order lines keep the one that they froze. */
  changeImage(url: string): void {
    const first = this.images[0]
    if (first?.url === url) return
    if (first) first.url = url
    else this.images.add(new ProductImage(this, 1, url))
    this.recordImage()
  }

  changePrice(priceCents: number): void {
    if (this.priceCents === wholeAmount('a price', priceCents, 1)) return
    this.priceCents = priceCents
    record(this, { type: 'ProductPriceChanged', values: { priceCents } })
  }

  /** Goods came in, or came back. */
  putStock(quantity: number): void {
    this.stock = wholeAmount('a stock', this.stock + wholeAmount('a quantity', quantity, 1), 0)
  }

  /** @throws ShopError OUT_OF_STOCK, with the stock as it was */
  takeStock(quantity: number): void {
    if (wholeAmount('a quantity', quantity, 1) > this.stock) {
      throw new ShopError('OUT_OF_STOCK', `product ${this.sku} has ${this.stock} in stock, ${quantity} are asked for`)
    }
    this.stock -= quantity
  }

  private text(): ProductText {
    return { name: this.name, description: this.description, category: this.category }
  }

  private recordImage(): void {
    record(this, { type: 'ProductImageChanged', values: { imageUrl: this.imageUrl() } })
  }
}

/** One of the ordered images of a product. */
export class ProductImage {
  declare id: number
  declare product: Product
  declare position: number
  declare url: string

  constructor(product: Product, position: number, url: string) {
    this.product = product
    this.position = position
    this.url = url
  }
}
