/** A key: its name (`a`, `A`, `space`, `up`, `ctrl-u`, `f5`) and the text that it types, if any. */
export type Key = {readonly name: string; readonly text: string};
