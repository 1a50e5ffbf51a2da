/** Icons, 16 by 16, drawn in the colour of the text. */

const paths: Record<string, string> = {
  open: 'M1.5 3h4l1.5 2H14v2H4.6L2.5 13H1.5z M4.8 8H15l-2 5H3z',
  save: 'M7.2 1h1.6v7l2.6-2.6 1.1 1.1L8 11 3.5 6.5l1.1-1.1L7.2 8z M2 13h12v1.6H2z',
  link: 'M6.5 9.5 9.5 6.5l1 1-3 3z M7 3.9 9 2a3.5 3.5 0 0 1 5 5l-2 2-1.1-1.1 2-2a2 2 0 0 0-2.8-2.8l-2 2z M9 12.1 7 14a3.5 3.5 0 0 1-5-5l2-2 1.1 1.1-2 2a2 2 0 0 0 2.8 2.8l2-2z',
  sun: 'M8 4.5a3.5 3.5 0 1 1 0 7 3.5 3.5 0 0 1 0-7z M7.3 0h1.4v2.5H7.3z M7.3 13.5h1.4V16H7.3z M0 7.3h2.5v1.4H0z M13.5 7.3H16v1.4h-2.5z M2 3l1-1 1.7 1.7-1 1z M11.3 12.3l1-1L14 13l-1 1z M2 13l1.7-1.7 1 1L3 14z M11.3 3.7 13 2l1 1-1.7 1.7z',
  moon: 'M6.5 1.5a6.5 6.5 0 1 0 8 8 5.2 5.2 0 0 1-8-8z',
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
