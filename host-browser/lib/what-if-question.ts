/** What the what-if panel asks the worker, and what it gets: what-if/ without its byte arrays. */

export interface WhatIfQuestion {
  /** PolicyId. */
  policy: number
  /** In the order of policyParameters; 0 is the default. */
  parameters: number[]
}

export interface WhatIfAnswer {
  todo: true
}
