/** The server process of vantage-process.ts: an embedded Vantage that answers its parent's questions over IPC. */
import { startVantage, type VantageOptions } from '../emulator/vantage/index.ts';
import { answerParent, optionsOfParent } from './server-process.ts';
import type { Facts } from './vantage-process.ts';

const vantage = await startVantage(optionsOfParent<VantageOptions>());
const { baseUrl, tenantId, administrator } = vantage;

answerParent<Facts>(vantage, { baseUrl, tenantId, administrator }, { accessToken: () => vantage.issueAccessToken() });
