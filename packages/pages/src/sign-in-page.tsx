import type { Layout } from './frame.tsx'

interface Props {
  layout: Layout
  home: string
  to: string
  fault?: string
}

/** Asks for the key of the API, which a cookie keeps. */
export const SignInPage = ({ layout: Page, home, to, fault }: Props) => (
  <Page title="Sign in · Trifold" home={home}>
    <main id="answer" tabindex={-1} class="sign-in">
      <form method="post" action={`${home}/-/sign-in`}>
        <h1>Sign in</h1>
        <label for="key">Your key</label>
        <input
          id="key"
          name="key"
          type="password"
          required
          autocomplete="current-password"
          aria-describedby={fault ? 'fault' : undefined}
          aria-invalid={fault ? true : undefined}
        />
        {fault && (
          <p id="fault" class="bad" role="alert">
            {fault}
          </p>
        )}
        <input type="hidden" name="to" value={to} />
        <button type="submit" class="button">
          Sign in
        </button>
        <p class="soft">It is kept in this browser until you close it, or sign out.</p>
      </form>
    </main>
  </Page>
)
