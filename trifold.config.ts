// The configuration of the shop, so that `trifold` works in this repository without `--config`.
export { default } from './examples/shop/trifold.config.ts'
