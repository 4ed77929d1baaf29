/** Whether a text has one half of a character that takes two (a lone surrogate): UTF-8 has no form of it. */
export const hasHalfCharacter = (text: string): boolean => /\p{Surrogate}/u.test(text)
