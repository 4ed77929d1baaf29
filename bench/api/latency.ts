/** Milliseconds that each call took, with `clients` that call again as soon as they are answered, for a while. */
export async function latencies(
  clients: number,
  milliseconds: number,
  call: (count: number) => Promise<unknown>,
): Promise<number[]> {
  const took: number[] = []
  const until = performance.now() + milliseconds
  let count = 0
  const client = async () => {
    for (let began = performance.now(); began < until; began = performance.now()) {
      await call(count++)
      took.push(performance.now() - began)
    }
  }
  await Promise.all(Array.from({ length: clients }, client))
  return took
}
