// Loaded into the action before its own code: sets the clock of the runner, which continues from there.
const RealDate = Date;
const ahead = Number(process.env.PROVE_CLOCK_AHEAD);

for (const name of ['NODE_OPTIONS', 'PROVE_CLOCK_AHEAD']) {
  delete process.env[name];
}

class ShiftedDate extends RealDate {
  constructor(...parts) {
    super(...(parts.length === 0 ? [RealDate.now() + ahead] : parts));
  }

  static now() {
    return RealDate.now() + ahead;
  }
}

globalThis.Date = ShiftedDate;
