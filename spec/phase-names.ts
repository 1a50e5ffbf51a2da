/**
 * What operator names say of the phase (shared/facts/acl.md, "Recognising the phase"). A kernel whose name contains the
 * text is evidence; FusedInferAttentionScore serves both phases and says nothing.
 */
export const phaseNames: { contains: string; evidence: 'PREFILL' | 'DECODE' }[] = [
  { contains: 'PromptFlashAttention', evidence: 'PREFILL' },
  { contains: 'FlashAttentionScore', evidence: 'PREFILL' },
  { contains: 'SelfAttention', evidence: 'PREFILL' },
  { contains: 'IncreFlashAttention', evidence: 'DECODE' },
  { contains: 'PagedAttention', evidence: 'DECODE' },
]
