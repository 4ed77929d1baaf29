import type { ReadModelEntry } from '@trifold/http'
import { spanText } from '@trifold/pages'
import { labelOf } from '../columns.ts'
import { Layout } from '../parts/layout.tsx'
import type { Reader } from './read-model.tsx'

/** The read models that the reader has. */
export const HomePage = ({ entries, reader }: { entries: readonly ReadModelEntry[]; reader: Reader }) => (
  <Layout title="Read models · Trifold" {...reader} head={<h1>Read models</h1>}>
    <main id="answer" tabindex={-1} class="home">
      <ul>
        {entries.map((entry) => (
          <li>
            <a href={`${reader.home}/${encodeURIComponent(entry.name)}`}>
              <h2>{labelOf(entry.name)}</h2>
              <p>{entry.columns.map(({ name }) => labelOf(name)).join(', ')}</p>
              <p class="soft">
                {entry.targets
                  .map(
                    ({ name, lag }) =>
                      `${name}${lag === null ? ', not built' : lag > 0 ? `, ${spanText(lag)} behind` : ''}`,
                  )
                  .join(' · ')}
              </p>
            </a>
          </li>
        ))}
      </ul>
    </main>
  </Layout>
)
