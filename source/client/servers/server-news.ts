/** What becomes of the servers of a client that has several, for people. */
import {type Address, serverName} from '../../../protocol/address.ts';
import {type DisplayText, displayName} from '../../../protocol/display-text.ts';
import type {ErrorCode} from '../../../protocol/errors.ts';

export type ServerNews =
  /** It does not answer, and is tried again; the others of these that are there do its work. */
  | {
      readonly name: 'gone';
      readonly server: Address;
      readonly brief: string;
      readonly others: readonly Address[];
    }
  /** It refuses this client, or is not the server that it should be: it is never tried again. */
  | {readonly name: 'refused'; readonly server: Address; readonly reason: string}
  /** It answers again. */
  | {readonly name: 'back'; readonly server: Address}
  /** It is of no use for a file. */
  | {
      readonly name: 'unfit';
      readonly server: Address;
      readonly path: string;
      readonly code: ErrorCode;
      readonly reason: string;
    };

/** The news in one sentence. */
export function newsSentence(news: ServerNews): DisplayText {
  const server = serverName(news.server);
  switch (news.name) {
    case 'gone': {
      const others = news.others.map(other => serverName(other)).join(', ');
      return displayName(`${server} does not answer (${news.brief}): going on with ${others}`);
    }

    case 'refused':
      return displayName(`${server} is left out: ${news.reason}`);
    case 'back':
      return displayName(`${server} answers again`);
    case 'unfit':
      return displayName(`${news.path}: ${server} is left out for it: ${news.reason}`);
  }
}
