import { commonTerms } from '../reading/request.ts'
import type { PageContext } from './page-context.ts'

/** The words that are looked for; of a read model without full text there is no such box. */
export const SearchBox = ({ view, entry }: PageContext) =>
  entry.targets.some(({ text }) => text.length > 0) && (
    <div class="search" role="search">
      <input
        type="search"
        name="q"
        form="view"
        value={view.words ?? ''}
        placeholder="Search"
        aria-label={`Search ${entry.name}`}
        role="combobox"
        aria-autocomplete="list"
        aria-expanded="false"
        aria-controls="suggestions"
        list={undefined}
        autocomplete="off"
        spellcheck={false}
        data-search
      />
      <ul id="suggestions" role="listbox" aria-label="Suggestions" hidden />
      <button type="submit" form="view" class="go">
        Search
      </button>
    </div>
  )

/** What the script asks with for suggestions: under the filters of the page. */
export function SuggestTerms({ view, entry, api }: PageContext) {
  const store = entry.targets.find(({ text }) => text.length > 0)?.name
  const { words: _, ...unworded } = view
  const { where } = commonTerms(unworded, entry)
  const terms = JSON.stringify({ from: store, limit: 8, ...(where !== undefined && { where }) })
  return store ? <span hidden id="suggest" data-address={api.linkTo(entry.name, 'suggest')} data-terms={terms} /> : null
}
