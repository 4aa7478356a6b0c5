import type { RouteFault } from '../../../emulator/vantage/index.ts';
import type { Story } from '../story.ts';
import { ALWAYS, group, holding, pairsOf, TO_ONE, usedClient } from './common.ts';

/** Refusals of a creation with texts that no list contains. */
const REFUSALS: Readonly<Record<string, RouteFault>> = {
  'german-400': refusal(400, { title: 'Ungültige Anforderung', detail: 'Die Kennung ist bereits vergeben.' }),
  'bare-409': refusal(409, ''),
  'french-422': refusal(422, { errors: { clientId: ["L'identifiant existe déjà."] } }),
  'constraint-500': refusal(500, { title: 'UNIQUE constraint failed: Clients.ClientId' }),
};

const IF_EXISTS = ['adopt', 'update', 'fail'];

/** Vantage refuses the creation of a client with a text of its own, or its first response is lost. */
export const REFUSED_STORIES = group('refused', [
  ...pairsOf(Object.entries(REFUSALS), IF_EXISTS).flatMap(([[name, fault], ifExists]): Story[] => [
    {
      id: `${name} present if-exists=${ifExists}`,
      tier: 0,
      clients: [usedClient()],
      holdings: holding(),
      inputs: { ...ALWAYS, ...TO_ONE, 'if-exists': ifExists },
      acts: [
        {
          run: 'the run',
          vantage: [fault],
          expects:
            ifExists === 'adopt'
              ? { green: true, delivers: true, ...(name === 'bare-409' ? {} : { says: /refused/iu }) }
              : ifExistsOnTier0(ifExists),
        },
      ],
    },
    {
      id: `${name} missing if-exists=${ifExists}`,
      tier: 0,
      inputs: { ...ALWAYS, ...TO_ONE, 'if-exists': ifExists },
      acts: [{ run: 'the run', vantage: [fault], expects: { green: false } }],
    },
  ]),
  ...pairsOf(IF_EXISTS, [0, 1] as const).flatMap(([ifExists, tier]): Story[] => [
    {
      id: `lost-answer if-exists=${ifExists} tier${tier}`,
      tier,
      inputs: { ...ALWAYS, ...TO_ONE, 'if-exists': ifExists },
      mayUpdate: true,
      acts: [
        {
          run: 'the run',
          vantage: [{ on: 'createClient', times: 1, mishap: { kind: 'answer', status: 503, apply: true } }],
          ...(ifExists === 'adopt' ? { expects: { green: true, delivers: true } } : {}),
          ...(ifExists === 'fail' ? { expects: { green: false, code: 'conflict' } } : {}),
        },
      ],
    },
    {
      id: `unavailable-then-taken if-exists=${ifExists} tier${tier}`,
      tier,
      clients: [usedClient()],
      holdings: holding(),
      inputs: { ...ALWAYS, ...TO_ONE, 'if-exists': ifExists },
      mayUpdate: true,
      acts: [
        {
          run: 'the run',
          vantage: [
            { on: 'readClient', mishap: { kind: 'answer', status: 404 } },
            { on: 'createClient', times: 1, mishap: { kind: 'answer', status: 503 } },
          ],
          ...(ifExists === 'adopt' ? { expects: { green: true, delivers: true } } : {}),
          ...(ifExists === 'fail' ? { expects: { green: false, code: 'conflict' } } : {}),
        },
      ],
    },
  ]),
]);

/** A client that cannot be read cannot be updated, and with `if-exists: fail`, an existing client fails the step. */
function ifExistsOnTier0(ifExists: string) {
  return ifExists === 'fail' ? { green: false } : {};
}

function refusal(status: number, body: unknown): RouteFault {
  return { on: 'createClient', mishap: { kind: 'answer', status, body } };
}
