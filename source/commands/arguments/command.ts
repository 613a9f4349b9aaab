import type {OptionName} from './option-catalogue.ts';

/** The parts of the help, in their order. */
export const sections = ['Browse', 'Download', 'Check', 'Queue', 'More'] as const;

export type Command = {
  readonly section: (typeof sections)[number];
  readonly usage: string;
  readonly summary: string;
  /** Fewest and most arguments. */
  readonly arguments: readonly [number, number];
  /** An option that replaces the arguments. */
  readonly instead?: OptionName;
  /** The word for an argument in an error. */
  readonly argument: string;
  readonly options: readonly OptionName[];
  /** Summaries of options whose meaning is different in this command. */
  readonly summaries?: Partial<Record<OptionName, string>>;
  /** Paragraphs of the command's own help. */
  readonly details: readonly string[];
  readonly examples: readonly string[];
};

/** Options of commands that connect, of those that download, and of those that download several files. */
export const reaching = [
  'server',
  'tokenFile',
  'fingerprint',
  'ssh',
  'remoteCommand',
  'retries',
] as const;
export const fetching = ['to', 'connections', 'limit', 'compress'] as const;
export const several = [...fetching, 'files'] as const;
