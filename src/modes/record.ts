/** What a run has done so far. Written as things happen, so that a failed run reports as truly as a successful one. */
export interface RunRecord {
  readonly mode: string;
  /** Absent for a mode that works on many clients. */
  readonly clientId?: string;
  /** The plan as the `plan` output shows it. Absent until there is one. */
  plan?: Record<string, unknown>;
  /** Whether the run changed anything in Vantage or GitHub, or may have. */
  changed: boolean;
}
