put shell/__init__.py <<< ''
put shell/command.py <<'END'
from shell.parser import split_words


def run_command(line):
    return split_words(line)
END
put shell/parser.py <<'END'
def split_words(line):
    return line.split()
END
put mail/send.py <<'END'
def deliver(letter):
    return letter
END
builds
base
put shell/parser.py <<'END'
import shlex


def split_words(line):
    return shlex.split(line)
END
