import type { Problem } from '@trifold/http'
import type { From } from '../view.ts'
import { linkTo, type PageContext } from './page-context.ts'

/** Why the API did not answer, with the targets that can. */
export function ProblemPart({ context, problem }: { context: PageContext; problem: Problem }) {
  const { detail, title, code, targets = [] } = problem
  return (
    <section class="problem" role="alert">
      <h2>{code === 'QUERY_UNSUPPORTED' ? 'This target cannot answer that' : 'That was not answered'}</h2>
      <p>{detail.replace(/^(query|http): /, '')}</p>
      {targets.map((from) => (
        <a class="button" href={linkTo(context, { ...context.view, from: from as From })}>
          Ask the {from}
        </a>
      ))}
      <p class="soft">
        {title} <code>{code}</code>
      </p>
    </section>
  )
}
