/** What time it is by each server's clock. Theirs and the runner's may disagree. */
export interface Clocks {
  readonly github: Date;
  readonly vantage: Date;
}

/** Whose clock dates the marks: GitHub's where there are targets, as GitHub tells when it wrote them; else Vantage's. */
export function clockOfMarks(targets: readonly unknown[]): keyof Clocks {
  return targets.length > 0 ? 'github' : 'vantage';
}

/** A time by GitHub's clock, as Vantage's shows it. */
export function inVantageTime(time: Date, { github, vantage }: Clocks): Date {
  return new Date(time.getTime() + vantage.getTime() - github.getTime());
}
