/** The other half of vantage-process.ts: an embedded Vantage that answers its parent's questions over IPC. */
import { startVantage, type VantageOptions } from '../emulator/vantage/index.ts';
import type { Facts, Question } from './vantage-process.ts';

const options: VantageOptions = JSON.parse(process.argv[2] ?? '{}');
const vantage = await startVantage(options);

const answers = {
  facts: (): Facts => ({
    baseUrl: vantage.baseUrl,
    tenantId: vantage.tenantId,
    administrator: vantage.administrator,
  }),
  accessToken: () => vantage.issueAccessToken(),
  requests: (): number[] => vantage.requests.splice(0).map(({ receivedAt }) => receivedAt),
} satisfies Record<Question, () => unknown>;

process.on('message', async (question: Question) => process.send?.(await answers[question]()));
process.on('disconnect', () => vantage.close());
