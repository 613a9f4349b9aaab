"""An old client of the classic dialogue. It takes each message with one plain recv, and compares every byte.

Usage: old_client.py HOST PORT FOLDER

FOLDER is the served folder. It has barco.jpg, notas.txt, vela.jpg and sub/fundo.jpg, and a link `fora` to a file
outside. Exit status 0: every answer was right.
"""

import hashlib
import os
import socket
import sys

TIMEOUT = 60

ASK_FILE = "Envie o nome do arquivo desejado: "
ASK_MASK = "Envie a mascara de arquivos desejada (exemplo: *.jpg): "
ASK_HASH = "Envie o nome do arquivo e o posicionamento desejado (exemplo: barco.jpg:500): "
ASK_PARTIAL = "Envie o nome do arquivo e o hash da parte baixada (exemplo: barco.jpg:hash): "
SAME = "Os hashes dos arquivos são iguais, logo o arquivo na pasta files do cliente está completo"
DIFFERENT = "Os hashes dos arquivos são diferentes, logo o arquivo na pasta files do cliente está incompleto"


class OldClient:
    def __init__(self, host, port):
        self.socket = socket.create_connection((host, port), TIMEOUT)

    def send(self, text):
        self.socket.sendall(text if isinstance(text, bytes) else text.encode())

    def recv(self):
        """One message: the bytes of one recv."""
        return self.socket.recv(4096).decode()

    def recv_bytes(self, size):
        """The bytes of a file, which need several recv calls."""
        content = bytearray()
        while len(content) < size:
            part = self.socket.recv(min(65536, size - len(content)))
            if part == b"":
                raise SystemExit("the connection ended in the middle of a file")
            content += part
        return bytes(content)

    def ask(self, digit, prompt, answer):
        self.send(digit)
        expect(self.recv(), prompt)
        self.send(answer)

    def close(self):
        self.socket.close()


def expect(said, right):
    if said != right:
        raise SystemExit(f"{said!r} was said, not {right!r}")


def sha1(content):
    return hashlib.sha1(content).hexdigest()


def outside(name):
    return f"ERRO! O arquivo {name} contém '..', o que é proibido por questões de segurança."


def list_files(client, files):
    client.send("1")
    lines = client.recv().split("\n")
    expect(sorted(lines), sorted(f"{name} ({len(content)} bytes)" for name, content in files.items()))


def sget(client, files, links):
    for name, content in files.items():
        client.ask("2", ASK_FILE, name)
        expect(client.recv(), str(len(content)))
        expect(client.recv_bytes(len(content)), content)
    for name in ["falta.jpg", "sub", "x" * 4096]:
        client.ask("2", ASK_FILE, name)
        expect(client.recv(), "0")
    for name in ["../segredo", "/etc/passwd", "sub/../../segredo", *links]:
        client.ask("2", ASK_FILE, name)
        expect(client.recv(), outside(name))


def mget(client, files):
    wanted = {name: content for name, content in files.items() if name.endswith(".jpg")}
    client.ask("3", ASK_MASK, "*.jpg")
    expect(client.recv(), str(len(wanted)))
    expect(client.recv(), "Arquivos encontrados. Iniciando envio...")
    received = {}
    for _ in wanted:
        header = client.recv()
        expect(header[-1], "\n")
        name, size = header[:-1].rsplit(":", 1)
        received[name] = client.recv_bytes(int(size))
        expect(client.recv(), "FINAL\n")
    expect(client.recv(), "Encerrado")
    expect(received, wanted)
    for mask in ["*.png", "../*", "/etc/*", "{..,sub}/../*", "fora", "fora/*"]:
        client.ask("3", ASK_MASK, mask)
        expect(client.recv(), "0")


def hash_of(client, files, folder):
    for name, content in files.items():
        for position in [500, len(content) + 1]:
            client.ask("4", ASK_HASH, f"{name}:{position}")
            expect(client.recv(), f"Obtendo o hash SHA1 do arquivo {name} até a posição {position}")
            right = sha1(content[:position])
            expect(
                client.recv(),
                f"O hash SHA1 obtido do arquivo {name} até a posição {position} corresponde a : \n{right}",
            )
    for text in ["barco.jpg", "barco.jpg:muito", "barco.jpg:-1"]:
        client.ask("4", ASK_HASH, text)
        expect(client.recv(), f"ERRO! O formato de escrita para o hash {text} está incorreto!")
    client.ask("4", ASK_HASH, "falta.jpg:500")
    expect(client.recv(), f"ERRO! o arquivo falta.jpg não existe no diretório {os.path.basename(folder)}/")
    client.ask("4", ASK_HASH, "../segredo:500")
    expect(client.recv(), outside("../segredo"))


def cget(client, files):
    for name, content in files.items():
        client.ask("5", ASK_PARTIAL, f"{name}:{sha1(content)}")
        expect(client.recv(), SAME)
        partial = content[: len(content) // 2]
        client.ask("5", ASK_PARTIAL, f"{name}:{sha1(partial)}")
        expect(client.recv(), DIFFERENT)
        client.send(str(len(partial)))
        missing = len(content) - len(partial)
        expect(client.recv(), str(missing))
        expect(client.recv_bytes(missing), content[len(partial) :])
        expect(client.recv(), "Envio do restante do arquivo concluído.")
        client.ask("5", ASK_PARTIAL, f"{name}:{sha1(b'another')}")
        expect(client.recv(), DIFFERENT)
        client.send("7")
        expect(client.recv(), "0")
    client.ask("5", ASK_PARTIAL, f"falta.jpg:{sha1(b'')}")
    expect(client.recv(), "0")
    client.ask("5", ASK_PARTIAL, f"../segredo:{sha1(b'')}")
    expect(client.recv(), outside("../segredo"))


def hostile(host, port, files):
    """Hostile clients, which must not delay a good one."""
    stalled = OldClient(host, port)
    stalled.ask("2", ASK_FILE, "vela.jpg")
    flood = OldClient(host, port)
    flood.socket.setblocking(False)
    try:
        flood.socket.sendall(b"1" * 1_000_000)
    except BlockingIOError:
        pass
    for garbage in [b"2" + b"\xff" * 100_000, b"9", b"3\0\xff*", os.urandom(65_536), b"GET / HTTP/1.1\r\n\r\n"]:
        other = OldClient(host, port)
        other.send(garbage)
        other.close()
    good = OldClient(host, port)
    list_files(good, files)
    for client in [stalled, flood, good]:
        client.close()


def main(host, port, folder):
    files = {}
    for name in os.listdir(folder):
        path = os.path.join(folder, name)
        if os.path.isfile(path) and not os.path.islink(path):
            with open(path, "rb") as file:
                files[name] = file.read()
    client = OldClient(host, port)
    # All commands on one connection, each several times.
    for _ in range(2):
        list_files(client, files)
    links = [name for name in os.listdir(folder) if os.path.islink(os.path.join(folder, name))]
    sget(client, files, links)
    mget(client, files)
    hash_of(client, files, folder)
    cget(client, files)
    list_files(client, files)
    hostile(host, port, files)
    client.close()


main(sys.argv[1], int(sys.argv[2]), sys.argv[3])
