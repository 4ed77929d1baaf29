/** The head of a table; with `acts` its last column is for actions, which only a screen reader is told. */
export const TableHead = ({ columns, acts = false }: { columns: readonly string[]; acts?: boolean }) => (
  <thead>
    <tr>
      {columns.map((column) => (
        <th scope="col">{column}</th>
      ))}
      {acts && (
        <th scope="col">
          <span class="unseen">Actions</span>
        </th>
      )}
    </tr>
  </thead>
)
