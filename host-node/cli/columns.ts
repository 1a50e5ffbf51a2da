/** Rows as text in columns, each as wide as its widest cell. Cells are shown as they are but for control characters. */
export function columns(rows: readonly string[][]): string[] {
  // Names come from files and clients: none may move the cursor.
  const cells = rows.map((row) => row.map((cell) => cell.replaceAll(/\p{Cc}/gu, '?')))
  const widths = (cells[0] ?? []).map((_, i) => Math.max(...cells.map((row) => row[i]?.length ?? 0)))
  return cells.map((row) =>
    row
      .map((cell, i) => cell.padEnd(widths[i] ?? 0))
      .join('  ')
      .trimEnd(),
  )
}
