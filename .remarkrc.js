/** How hard the sentences of the Markdown pages may be to read: `npm run prose`. */
import remarkGfm from 'remark-gfm';
import remarkRetext from 'remark-retext';
import retextEnglish from 'retext-english';
import retextReadability from 'retext-readability';
import { unified } from 'unified';

// A sentence is too hard if most of the formulas say so that estimate from which age people understand it.
const sentences = unified().use(retextEnglish).use(retextReadability, { age: 18, minWords: 8 });

export default { plugins: [remarkGfm, [remarkRetext, sentences]] };
