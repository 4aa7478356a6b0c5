/** The server process of vantage-process.ts: an embedded Vantage that answers its parent's questions over IPC. */
import { startVantage, type VantageOptions } from '../emulator/vantage/index.ts';
import { answerParent, optionsOfParent, processorTime } from './server-process.ts';
import type { Facts, Question } from './vantage-process.ts';

const vantage = await startVantage(optionsOfParent<VantageOptions>());

const answers = {
  facts: (): Facts => ({
    baseUrl: vantage.baseUrl,
    tenantId: vantage.tenantId,
    administrator: vantage.administrator,
  }),
  accessToken: () => vantage.issueAccessToken(),
  requests: (): number[] => vantage.requests.splice(0).map(({ receivedAt }) => receivedAt),
  processorTime,
} satisfies Record<Question, () => unknown>;

answerParent(answers, vantage.close);
