/** Names with what is known of them; what is not known is left out. */
export const FactList = ({ facts }: { facts: readonly (readonly [name: string, value: string | undefined])[] }) => (
  <dl class="facts">
    {facts.map(
      ([name, value]) =>
        value && (
          <div>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ),
    )}
  </dl>
)
