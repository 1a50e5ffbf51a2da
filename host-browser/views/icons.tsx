/** Icons, 16 by 16, drawn in the colour of the text. */

const paths: Record<string, string> = {
  first: 'M2 3h2v10H2z M14 3v10L5 8z',
  last: 'M12 3h2v10h-2z M2 3v10l9-5z',
  back: 'M11 3v10L3 8z M12 3h1.6v10H12z',
  next: 'M5 3v10l8-5z M2.4 3H4v10H2.4z',
  decisionBack: 'M9 3v10L3 8z M15 3v10L9 8z',
  decisionNext: 'M1 3v10l6-5z M7 3v10l6-5z',
  run: 'M3 2v12l10-6z',
  runBack: 'M13 2v12L3 8z',
  stop: 'M3 3h10v10H3z',
  fit: 'M1 1h5v1.6H2.6V6H1z M10 1h5v5h-1.6V2.6H10z M1 10h1.6v3.4H6V15H1z M13.4 10H15v5h-5v-1.6h3.4z',
  close: 'M3 4.1 4.1 3 8 6.9 11.9 3 13 4.1 9.1 8l3.9 3.9-1.1 1.1L8 9.1 4.1 13 3 11.9 6.9 8z',
}

export function Icon({ name }: { name: string }) {
  return (
    <svg class="icon-svg" viewBox="0 0 16 16" width="14" height="14" aria-hidden="true">
      <path d={paths[name] ?? ''} />
    </svg>
  )
}
