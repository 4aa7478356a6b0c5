import { countText } from '../../model/dates.ts';
import { capitalized, type Failure } from '../../model/failure.ts';
import { placeName } from '../../model/target.ts';
import { countLiveSecrets } from '../../plan/marked-secrets.ts';
import { planVerdict } from '../../plan/plan-lines.ts';
import { type Fragment, fragment, joined } from '../../report/markdown.ts';
import { failedTitle, type Summary } from '../../report/summary.ts';
import { type EnsureRecord, leftDrift } from './record.ts';
import {
  detailsOf,
  driftOf,
  driftToDo,
  type EnsurePage,
  planOf,
  targetsByLine,
  unwrittenTable,
  writtenTable,
} from './summary-parts.ts';

/** The job summary of `mode: ensure`: of a run, of a dry run, and of one that failed. */
export function summarizeEnsure(page: EnsurePage): Summary {
  const { request, record, failure } = page;
  const isPlan = request.run.dryRun && record.preview !== undefined;
  return {
    title: failure ? titleOfFailure(page, failure) : titleOf(page),
    hasFindings: leftDrift(record).length > 0 || record.secretLost === true,
    isPlan,
    toDo: [...toDoOf(page), ...(failure || isPlan ? [] : driftToDo(page))],
    body: [
      ...(isPlan ? planOf(page) : sentenceOf(page)),
      ...(failure ? unwrittenTable(page) : writtenTable(page)),
      ...(isPlan || failure ? [] : [...secretsLine(record), ...otherWritesLine(page)]),
      ...driftOf(page),
      ...detailsOf(page),
    ],
  };
}

function titleOf(page: EnsurePage): Fragment {
  const { record, markdown } = page;
  const name = markdown.code(record.clientId);
  const { length: drift } = leftDrift(record);
  if (record.preview) {
    return fragment`Plan for ${name}: ${markdown.text(planVerdict(record.preview.lines))}`;
  }
  const parts = [
    ...(record.secret?.fate === 'handed-out' ? [newSecret(page)] : deedsOf(page)),
    ...(drift > 0 ? [markdown.text(`${countText(drift, 'setting')} ${drift === 1 ? 'differs' : 'differ'}`)] : []),
    ...(record.secretLost ? [markdown.text('another secret may exist that nobody holds')] : []),
  ];
  return fragment`${name}: ${joined(parts, ', ')}`;
}

function newSecret({ request, record: { written, secret }, markdown }: EnsurePage): Fragment {
  const places = [
    ...(written.length > 0 ? [`in ${countText(written.length, 'place')}`] : []),
    ...(request.delivery.outputSecret ? ['for this job'] : []),
  ].join(' and ');
  const until = secret?.expiration === undefined ? '' : fragment`, works until ${markdown.date(secret.expiration)}`;
  return fragment`new secret ${markdown.text(places)}${until}`;
}

/** What a run did that delivered no secret. */
function deedsOf({ request, record, markdown }: EnsurePage): readonly Fragment[] {
  const { clientCreated, clientUpdated, pruned, otherWrites, rotationDue } = record;
  const deeds = [
    ...(clientCreated ? ['client created'] : []),
    ...(clientUpdated ? ['client updated'] : []),
    ...(pruned.length > 0 ? [`${countText(pruned.length, 'superseded secret')} deleted`] : []),
    ...(otherWrites.length > 0 ? [`${countText(otherWrites.length, 'change')} on GitHub`] : []),
  ].map(text => markdown.text(text));
  if (rotationDue) {
    return [...deeds, fragment`nothing due before ${markdown.date(rotationDue)}`];
  }
  const nothing = request.secret.rotate === 'never' ? 'client exists, nothing to do' : 'nothing due';
  return deeds.length === 0 ? [markdown.text(nothing)] : deeds;
}

function titleOfFailure({ request, record, markdown }: EnsurePage, failure: Failure): Fragment {
  const { clientId, written, unwritten, lost, secret } = record;
  const name = markdown.code(clientId);
  if (failure.code === 'partial-hand-off') {
    const [first] = unwritten;
    const target = first && targetsByLine(request.delivery.github).get(first.line);
    const who =
      target && unwritten.length === 1 ? markdown.code(placeName(target.scope)) : fragment`${unwritten.length} targets`;
    return fragment`${name}: ${who} did not get the new secret (${unwritten.length} of ${unwritten.length + written.length})`;
  }
  if (lost.length > 0) {
    const may = lost.length === 1 ? 'a secret may exist' : `up to ${lost.length} secrets may exist`;
    return fragment`${name}: ${markdown.text(may)} that nobody holds`;
  }
  return secret?.fate === 'minted'
    ? fragment`${name}: a new secret exists that nobody holds`
    : failedTitle(name, failure, markdown);
}

/** Steps for a person, in place of the advice of the failure. */
function toDoOf({ record: { clientId, lost, secret }, failure, markdown }: EnsurePage): readonly Fragment[] {
  const undelivered = failure && secret?.fate === 'minted' ? [secret] : [];
  return [...lost, ...undelivered].map(({ mark, expiration }) => {
    const end = expiration === undefined ? '' : fragment` It expires ${markdown.time(expiration)}.`;
    return fragment`In Vantage, open the secrets of client ${markdown.code(clientId)}, and delete the one with the description ${markdown.code(mark)}, if it is there.${end}`;
  });
}

/** What happened, in one line. Nothing if the title says it. */
function sentenceOf({ request, record, failure, markdown }: EnsurePage): readonly (Fragment | string)[] {
  const { secret, plan, rotationDue } = record;
  if (failure && !record.changed && !secret) {
    return ['Nothing was changed.', ''];
  }
  if (!secret) {
    const why = !failure && typeof plan?.why === 'string' ? plan.why : undefined;
    const isCompared = record.clientCreated || record.clientUpdated || record.drift !== undefined;
    const parts = [
      ...(failure || record.clientUnknown || !isCompared ? [markdown.text(`${clientState(record)}.`)] : []),
      ...(why === undefined ? [] : [markdown.prose(`${capitalized(why)}.`)]),
    ];
    return parts.length > 0 ? [joined(parts, ' '), ''] : [];
  }
  const parts = [
    markdown.text(clientState(record)),
    markdown.text(`${SECRET_STATES[secret.fate]} ${VERIFIED[secret.verified]}`),
    ...(secret.expiration && secret.fate !== 'revoked' ? [fragment`expires ${markdown.time(secret.expiration)}`] : []),
    ...(rotationDue && request.secret.rotate === 'when-due'
      ? [fragment`next rotation on or after **${markdown.date(rotationDue)}**`]
      : []),
  ];
  return [joined(parts, ' · '), ''];
}

function clientState({ clientCreated, clientUpdated, clientUnknown, clientFound, drift }: EnsureRecord): string {
  if (clientCreated) {
    return 'Client created';
  }
  if (clientUpdated) {
    return 'Client updated';
  }
  if (clientUnknown) {
    return 'It is not known whether this run created the client';
  }
  if (drift) {
    return 'Client kept';
  }
  return clientFound === 'absent' ? 'The client does not exist' : 'The settings of the client were not compared';
}

const SECRET_STATES = {
  minted: 'secret created and not delivered,',
  'handed-out': 'secret',
  revoked: 'secret created, not delivered and revoked,',
} as const;

const VERIFIED = { true: 'verified', false: 'refused by the token endpoint', skipped: 'not verified' } as const;

function secretsLine(record: EnsureRecord): readonly string[] {
  const isNew = record.secret?.fate === 'handed-out';
  const older = (countLiveSecrets(record) ?? 0) - (isNew ? 1 : 0);
  const { length: deleted } = record.pruned;
  const parts = [
    ...(isNew && older > 0
      ? [`${countText(older, 'older secret')} of this repository still ${older === 1 ? 'works' : 'work'}.`]
      : []),
    ...(deleted > 0 ? [`${countText(deleted, 'superseded secret was', 'superseded secrets were')} deleted.`] : []),
  ];
  return parts.length > 0 ? [parts.join(' '), ''] : [];
}

/** The variables and access of a run that wrote no secret there. */
function otherWritesLine({ request, record, markdown }: EnsurePage): readonly (Fragment | string)[] {
  const { otherWrites, written } = record;
  return otherWrites.length === 0 || (written.length > 0 && request.delivery.github)
    ? []
    : [...otherWrites.map(text => fragment`- Written: ${markdown.text(text)}`), ''];
}
