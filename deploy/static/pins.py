"""What the edition without a server is made of, version by version.

stlite 1.9.2 is Streamlit 1.62 for Pyodide 0.29.3 (Python 3.13). Later ones do not fit together yet: Pyodide 314 has no
classic workers, and a later stlite needs pyarrow, of which there is no wheel for browsers.
"""

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
