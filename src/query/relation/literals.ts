import { quoteLiteral } from '../../sql.ts'
import { Parameters } from './parameters.ts'

/** Values that are written into the statement, for one that takes no parameters, such as `copy`. */
export class Literals extends Parameters {
  protected override bind(text: string, type: string): string {
    return `${quoteLiteral(text)}::${type}`
  }
}
