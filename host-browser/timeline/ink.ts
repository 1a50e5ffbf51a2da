/** Rectangles by colour, so that a frame changes the colour a dozen times and not ten thousand. Grows once, then stays. */

export class Ink {
  readonly #rects = new Map<string, { data: Float32Array; used: number }>()
  /** Of the last frame. */
  count = 0

  rect(colour: string, x: number, y: number, width: number, height: number): void {
    let its = this.#rects.get(colour)
    if (its === undefined) this.#rects.set(colour, (its = { data: new Float32Array(4096), used: 0 }))
    if (its.used + 4 > its.data.length) {
      const larger = new Float32Array(its.data.length * 2)
      larger.set(its.data)
      its.data = larger
    }
    const { data, used } = its
    data[used] = x
    data[used + 1] = y
    data[used + 2] = width
    data[used + 3] = height
    its.used = used + 4
  }

  /** Draws all and begins anew. */
  flush(ctx: CanvasRenderingContext2D): void {
    for (const [colour, its] of this.#rects) {
      ctx.fillStyle = colour
      for (let i = 0; i < its.used; i += 4)
        ctx.fillRect(its.data[i]!, its.data[i + 1]!, its.data[i + 2]!, its.data[i + 3]!)
      this.count += its.used / 4
      its.used = 0
    }
  }
}
