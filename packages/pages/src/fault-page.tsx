import type { Layout } from './frame.tsx'

interface Fault {
  layout: Layout
  home: string
  isSignedIn: boolean
  title: string
  text: string
  /** Where to go from here. */
  back: { href: string; label: string }
}

/** Why there is no page. */
export const FaultPage = ({ layout: Page, home, isSignedIn, title, text, back }: Fault) => (
  <Page title={`${title} · Trifold`} home={home} isSignedIn={isSignedIn}>
    <main id="answer" tabindex={-1} class="sign-in">
      <section class="problem" role="alert">
        <h1>{title}</h1>
        <p>{text}</p>
        <a class="button" href={back.href}>
          {back.label}
        </a>
      </section>
    </main>
  </Page>
)
