// The data set has no categories: the words of a description stand for them. The first that matches counts.
const words = {
  Christmas: /\b(christmas|advent|xmas|santa|reindeer)\b/i,
  Lighting: /\b(t-?lights?|light holder|lights?|lamps?|lanterns?|candles?|candlesticks?)\b/i,
  Bags: /\b(bags?|shopper|purse|backpack|rucksack)\b/i,
  Kitchen: /\b(mugs?|cups?|saucers?|plates?|bowls?|teapots?|jars?|jugs?|cutlery|cake|cakestand|baking|tea|kitchen)\b/i,
  Stationery: /\b(cards?|wrap|paper|pens?|pencils?|notebooks?|stickers?|ribbons?|stationery|chalk)\b/i,
  Toys: /\b(toys?|dolls?|dollies|game|playhouse|jigsaw|puzzle|spinning|skittles|ludo|dominoes)\b/i,
  Home: /\b(clocks?|cushions?|frames?|signs?|hooks?|doormat|drawers?|mirrors?|box|boxes|ornament|decorations?)\b/i,
}

/** The category of a product of the data set by its description, or null where no word tells it. */
export function categoryOf(description: string): string | null {
  return Object.entries(words).find(([, word]) => word.test(description))?.[0] ?? null
}
