/**
 * What the explorer and the console have in common. Not for applications: it changes without notice.
 *
 * @module @trifold/pages
 */

export { type AssetNames, Assets } from './assets.ts'
export { FaultPage } from './fault-page.tsx'
export { compactNumber, instantText, momentText, numberText, shortNumber, spanText } from './format.ts'
export { type Frame, type Layout, PageFrame } from './frame.tsx'
export { type Line, Lines } from './lines.tsx'
export { sendPage } from './send-page.ts'
export { isSentFromHere } from './sent-from-here.ts'
export { isSignedIn, routeSignIn, type SignIn, signInAt } from './sign-in.tsx'
