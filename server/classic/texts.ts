/**
 * The texts of the classic dialogue. Old clients compare them byte by byte: do not change them, not even where they
 * read oddly.
 */

export const askForFile = 'Envie o nome do arquivo desejado: ';
export const askForMask = 'Envie a mascara de arquivos desejada (exemplo: *.jpg): ';
export const askForHash =
  'Envie o nome do arquivo e o posicionamento desejado (exemplo: barco.jpg:500): ';
export const askForPartial =
  'Envie o nome do arquivo e o hash da parte baixada (exemplo: barco.jpg:hash): ';

export const emptyFolder = 'Nenhum arquivo encontrado no servidor.';

/** The size of a file that does not exist, or that may not be served. */
export const noFile = '0';

export const filesFollow = 'Arquivos encontrados. Iniciando envio...';
export const endOfFile = 'FINAL\n';
export const endOfFiles = 'Encerrado';

export const samePartial =
  'Os hashes dos arquivos são iguais, logo o arquivo na pasta files do cliente está completo';
export const differentPartial =
  'Os hashes dos arquivos são diferentes, logo o arquivo na pasta files do cliente está incompleto';
export const restIsSent = 'Envio do restante do arquivo concluído.';

export function fileInList(name: string, size: number): string {
  return `${name} (${size} bytes)`;
}

export function fileFollows(name: string, size: number): string {
  return `${name}:${size}\n`;
}

export function hashFollows(name: string, position: string): string {
  return `Obtendo o hash SHA1 do arquivo ${name} até a posição ${position}`;
}

export function hashIs(name: string, position: string, sha1: string): string {
  return `O hash SHA1 obtido do arquivo ${name} até a posição ${position} corresponde a : \n${sha1}`;
}

export function wrongHashQuestion(text: string): string {
  return `ERRO! O formato de escrita para o hash ${text} está incorreto!`;
}

/** @param folder the name of the served folder. */
export function fileIsMissing(name: string, folder: string): string {
  return `ERRO! o arquivo ${name} não existe no diretório ${folder}/`;
}

export function nameLeadsOut(name: string): string {
  return `ERRO! O arquivo ${name} contém '..', o que é proibido por questões de segurança.`;
}
