import { Layout } from '../parts/layout.tsx'
import type { Reader } from './read-model.tsx'

/** Why there is no page. */
export const FaultPage = ({
  title,
  text,
  back,
  reader,
}: {
  title: string
  text: string
  back: string
  reader: Reader
}) => (
  <Layout title={`${title} · Trifold`} {...reader}>
    <main id="answer" tabindex={-1} class="sign-in">
      <section class="problem" role="alert">
        <h1>{title}</h1>
        <p>{text}</p>
        <a class="button" href={back}>
          {back === reader.home ? 'All read models' : 'All rows'}
        </a>
      </section>
    </main>
  </Layout>
)
