import type { Problem } from '@trifold/http'
import type { ComponentChildren } from 'preact'
import { Refusal } from '../api.ts'
import { labelOf } from '../columns.ts'
import { AgePart } from '../parts/age.tsx'
import { Chips } from '../parts/chips.tsx'
import { FacetPart } from '../parts/facet.tsx'
import { HiddenTerms } from '../parts/hidden.tsx'
import { HistogramPart } from '../parts/histogram.tsx'
import { Layout } from '../parts/layout.tsx'
import { linkTo, type PageContext } from '../parts/page-context.ts'
import { PivotPart } from '../parts/pivot.tsx'
import { ProblemPart } from '../parts/problem.tsx'
import { Ranges } from '../parts/ranges.tsx'
import { DetailsPart, RowsPart } from '../parts/rows.tsx'
import { SearchBox, SuggestTerms } from '../parts/search-box.tsx'
import { Pager, Toolbar } from '../parts/toolbar.tsx'
import type { Seen } from '../reading.ts'
import { firstPage } from '../view.ts'

/** What the frame of a page has to know. */
export interface Reader {
  home: string
  isSignedIn: boolean
}

/** The page of a read model: what a view shows, or why it shows nothing. */
export function ReadModelPage({
  context,
  seen,
  reader,
}: {
  context: PageContext
  seen: Seen | Problem
  reader: Reader
}) {
  const { entry, path } = context
  return (
    <Layout title={`${labelOf(entry.name)} · Trifold`} {...reader} head={<Head context={context} />}>
      <form id="view" method="get" action={path} class="page">
        {'answer' in seen ? (
          <>
            <FilterColumn context={context} facets={seen.facets} />
            <Answer context={context} seen={seen} />
          </>
        ) : (
          <>
            <HiddenTerms context={context} hasFacets={false} />
            <main id="answer" tabindex={-1}>
              <Toolbar context={context} count={undefined} />
              <Chips context={context} />
              <ProblemPart context={context} problem={seen} />
            </main>
          </>
        )}
      </form>
    </Layout>
  )
}

const Head = ({ context }: { context: PageContext }) => (
  <>
    <h1>
      <a href={context.path}>{labelOf(context.entry.name)}</a>
    </h1>
    <SearchBox {...context} />
  </>
)

function FilterColumn({ context, facets }: { context: PageContext; facets: Seen['facets'] }) {
  const isRefused = facets instanceof Refusal
  return (
    <div class="filters" id="filters" role="region" aria-label="Filters">
      <a class="done" href="#answer">
        Show the rows
      </a>
      <HiddenTerms context={context} hasFacets={!isRefused} />
      {isRefused ? (
        <p class="note">No counts: {facets.message}</p>
      ) : (
        facets.map((facet) => <FacetPart context={context} facet={facet} />)
      )}
      <Ranges context={context} />
      <button type="submit" class="apply">
        Apply
      </button>
    </div>
  )
}

function Answer({ context, seen }: { context: PageContext; seen: Seen }) {
  const { answer, totals, histogram, row } = seen
  const count = 'found' in answer ? answer.found.total : answer.pivot.whole.count
  const aged = 'found' in answer ? answer.found : answer.pivot.answer
  return (
    <main id="answer" tabindex={-1}>
      <Toolbar context={context} count={count} />
      <Chips context={context} />
      {'found' in answer && answer.found.didYouMean && <DidYouMean context={context} {...answer.found.didYouMean} />}
      <HistogramPart context={context} histogram={histogram} />
      <Body details={<DetailsPart context={context} row={row} />}>
        {'found' in answer ? (
          <>
            <RowsPart context={context} found={answer.found} totals={totals} />
            <Pager context={context} found={answer.found} />
          </>
        ) : (
          <PivotPart context={context} pivot={answer.pivot} />
        )}
      </Body>
      <SuggestTerms {...context} />
      <AgePart context={context} answer={aged} />
    </main>
  )
}

const Body = ({ details, children }: { details: ComponentChildren; children: ComponentChildren }) => (
  <div class="body">
    <div class="table">{children}</div>
    {details}
  </div>
)

const DidYouMean = ({ context, text, count }: { context: PageContext; text: string; count: number }) => (
  <p class="meant">
    Did you mean <a href={linkTo(context, { ...firstPage(context.view), words: text })}>{text}</a>? ({count}{' '}
    {count === 1 ? 'row' : 'rows'})
  </p>
)
