"""What the edition without a server is made of, version by version.

stlite 1.9.2 is Streamlit 1.62 for Pyodide 0.29.3 (Python 3.13). Later ones do not fit together yet: Pyodide 314 has no
classic workers, and a later stlite needs pyarrow, of which there is no wheel for browsers.
"""

import re

NPM = {  # package: (version, sha512 of its archive as npm's registry states it)
    "@stlite/browser": (
        "1.9.2",
        "VkIpNlHjOmImBvxTScRUOWXNVY3D+Vh4C83kBbiQk9pLDEl4n2kDJrlI1zmQmcmnq4EPz8gDNKW7tYk00ppEUQ==",
    ),
    "pyodide": (
        "0.29.3",
        "22UBuhOJawj7vKUnS7/F3xK+515LJdjiMAHoCfuS6/PbHiOrSQVnYwDe+2sbVwiOZ3sMMexdXICew6NqOMQGgA==",
    ),
}
CDN = "https://cdn.jsdelivr.net/pyodide/v0.29.3/full/"  # Pyodide's compiled wheels; their sha256 are in its npm package

# Pure wheels are pinned in wheels.txt. Neither pandas nor what reads tables: nothing in the app asks for them there.
BOARD = ("numpy",)  # all that explore.html needs
FIRST = (
    "pillow",
    "anyio",
    "blinker",
    "idna",
    "itsdangerous",
    "narwhals",
    "packaging",
    "plotly",
    "protobuf",
    "pyodide-http",
    "python-multipart",
    "segno",
    "sniffio",
    "starlette",
    "typing-extensions",
)
COMPILED = ("numpy", "pillow")

NOT_RUN = re.compile(  # of wheels: tests, headers, what nobody asks for, copies of plotly.js (a file of its own here)
    r".*(/tests/|\.pyi$|\.pxd$|\.h$|\.a$)"
    r"|numpy/(f2py|fft|polynomial|testing|_pyinstaller)/"
    r"|numpy/(conftest|linalg/lapack_lite|_core/_\w+_tests|_core/_simd)\."
    r"|plotly(-[\d.]+\.data/|/(labextension|figure_factory|express|matplotlylib)/)"
    r"|plotly/(package_data/(plotly\.min|widget|datasets)|graph_objs/_figurewidget\.)"
    r"|plotly/graph_objs/(box|candlestick|choroplethmap|choroplethmapbox|cone|densitymap|densitymapbox|funnel|funnelarea"
    r"|icicle|image|indicator|isosurface|ohlc|parcats|sankey|scattersmith|splom|streamtube|sunburst|treemap|violin|volume"
    r"|waterfall)/"  # pictures that neither the app nor one of Plotly's templates draws
)
NOT_ON_BOARD = re.compile(  # of Python's standard library: the largest that neither NumPy nor the board alone ask for
    r"(_pyrepl|ctypes/macholib|html|http|multiprocessing|tomllib|unittest|wsgiref|xml|xmlrpc|zoneinfo)/"
    r"|encodings/(?!__init__|aliases|ascii|charmap|cp437|idna|latin_1|punycode|raw_unicode|unicode|utf_)"
    r"|(_android_support|_apple_support|_ios_support|_markupbase|_pydatetime|_pyio|antigravity|argparse|bdb|cProfile|cmd"
    r"|code|colorsys|compileall|csv|difflib|doctest|filecmp|fileinput|ftplib|getopt|getpass|gettext|graphlib"
    r"|imaplib|mailbox|mimetypes|modulefinder|netrc|nturl2path|optparse|pdb|pickletools|plistlib|poplib|profile|pstats|pty"
    r"|py_compile|pyclbr|pydoc|rlcompleter|runpy|sched|shelve|smtplib|socketserver|statistics|symtable|tabnanny|this"
    r"|timeit|trace|tty|uuid|wave|webbrowser|zipapp)\.pyc?$"
)
