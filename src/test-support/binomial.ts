/** The chance that exactly `hits` of `draws` come up, each with chance `p`. */
export function binomial(draws: number, hits: number, p: number): number {
  let chance = (1 - p) ** (draws - hits);
  for (let i = 1; i <= hits; i++) chance *= (p * (draws - hits + i)) / i;
  return chance;
}
