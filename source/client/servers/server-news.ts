/** News about the servers of a client that has several, to be shown to the user. */
import {type Address, serverName} from '../../../protocol/address.ts';
import {type DisplayText, displayName} from '../../../protocol/display-text.ts';
import type {ErrorCode} from '../../../protocol/errors.ts';

export type ServerNews =
  /** The server does not answer, and is tried again; `others` do its work. */
  | {
      readonly name: 'gone';
      readonly server: Address;
      readonly brief: string;
      readonly others: readonly Address[];
    }
  /** The server refuses this client, or is not the expected server. It is not tried again. */
  | {readonly name: 'refused'; readonly server: Address; readonly reason: string}
  /** The server answers again. */
  | {readonly name: 'back'; readonly server: Address}
  /** The server cannot be used for one file. */
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
