/** Commands within the sentences of pages. The programs accept each of them, and npm has the scripts. */
import {testPage} from './lines/test-page.ts';

const notRun = 'it is what to type next, in a sentence';
const nothing = {skip: false, prepare: async () => {}} as const;

testPage('errors', {
  ...nothing,
  lines: {
    'jangada list PATH': {notRun},
    "jangada mget 'FOLDER/**'": {notRun},
    'jangada-server token list': {notRun},
    'jangada verify --repair': {notRun, as: 'jangada verify --repair FILE'},
    'jangada help COMMAND': {notRun, as: 'jangada help mget'},
  },
});

testPage('security', {
  ...nothing,
  lines: {
    'jangada-server token add NAME --folder PATH --expires DATE': {
      notRun,
      as: `jangada-server token add NAME --folder PATH --expires ${new Date().getFullYear() + 1}-01-31`,
    },
    'jangada-server token list': {notRun},
    'jangada-server token remove NAME': {notRun},
  },
});
