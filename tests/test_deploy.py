"""The files in deploy/ agree with one another and with the repository."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

yaml = pytest.importorskip("yaml", reason="PyYAML is not installed (pip install -r tests/requirements.txt)")

ROOT = Path(__file__).parents[1]
DEPLOY = ROOT / "deploy"
HEALTH = "/_stcore/health"
PORT = 8501


def instructions(word):
    """What follows a word in the Dockerfile, lines joined."""
    text = (DEPLOY / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", " ")
    return [line.partition(" ")[2].strip() for line in text.splitlines() if line.startswith(word + " ")]


def compose():
    return yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))["services"]


def manifests():
    """{(kind, name): manifest}."""
    made = yaml.safe_load_all((DEPLOY / "kubernetes.yaml").read_text(encoding="utf-8"))
    return {(each["kind"], each["metadata"]["name"]): each for each in made}


def container(name):
    return manifests()["Deployment", name]["spec"]["template"]["spec"]["containers"][0]


def test_the_image_has_what_the_app_imports():
    """Every file that the image takes exists, and nothing that the app needs is left out of it or of its context."""
    sources = [line.split()[0] for line in instructions("COPY")]
    assert set(sources) == {"requirements.txt", "app.py", ".streamlit", "static", "explorer"}
    assert all((ROOT / source).exists() for source in sources)
    let_through = re.findall(r"^!(.+)$", (DEPLOY / "Dockerfile.dockerignore").read_text(), re.MULTILINE)
    assert set(let_through) == set(sources)


def test_the_image_runs_the_app_without_being_root():
    (user,), (command,), (check,) = instructions("USER"), instructions("CMD"), instructions("HEALTHCHECK")
    assert int(user) >= 1000
    assert json.loads(command)[:3] == ["streamlit", "run", "app.py"]
    assert f"--server.port={PORT}" in json.loads(command)
    assert instructions("EXPOSE") == [str(PORT)]
    assert f":{PORT}{HEALTH}" in json.loads(check.partition("CMD ")[2])[-1]
    assert f"useradd --uid {user} " in (DEPLOY / "Dockerfile").read_text()
    assert str(container("explorer")["ports"][0]["containerPort"]) == str(PORT)


def test_the_image_keeps_rooms_where_its_user_may_write():
    """/app is root's: without this, class rooms would not work in the image alone."""
    (created,) = (line for line in instructions("RUN") if line.startswith("useradd"))
    store = dict(word.split("=", 1) for line in instructions("ENV") for word in line.split())["EXPLORER_STORE"]
    assert store.startswith(f"/home/{created.split()[-1]}/")
    assert "--create-home" in created


def test_compose():
    services = compose()
    assert set(services) == {"nginx", "app", "redis"}
    assert services["app"]["environment"]["EXPLORER_STORE"].startswith("redis://redis:")
    assert (DEPLOY / services["app"]["build"]["context"] / services["app"]["build"]["dockerfile"]).exists()
    mounted = [volume.split(":") for volume in services["nginx"]["volumes"]]
    assert all((DEPLOY / source).exists() for source, *_ in mounted)
    assert f"server app:{PORT} " in (DEPLOY / "upstream.conf").read_text()
    inside = services["nginx"]["ports"][0].split(":")[1]
    assert f"listen {inside};" in (DEPLOY / "nginx.conf").read_text()


def test_kubernetes():
    """Names, labels and ports meet; probes ask what the app answers; the cookie is set; the scaler finds its target."""
    made = manifests()
    for (kind, _), each in made.items():
        if kind == "Deployment":
            labels = each["spec"]["template"]["metadata"]["labels"]
            assert each["spec"]["selector"]["matchLabels"] == labels
        if kind == "Service":
            pods = made["Deployment", each["spec"]["selector"]["app"]]["spec"]["template"]["spec"]["containers"]
            offered = {port["name"] for pod in pods for port in pod["ports"]}
            assert {port["targetPort"] for port in each["spec"]["ports"]} <= offered
    app = container("explorer")
    for probe in ("readinessProbe", "livenessProbe"):
        assert app[probe]["httpGet"]["path"] == HEALTH
    assert app["securityContext"]["readOnlyRootFilesystem"]
    assert made["Deployment", "explorer"]["spec"]["template"]["spec"]["securityContext"]["runAsNonRoot"]
    assert made["Ingress", "explorer"]["metadata"]["annotations"]["nginx.ingress.kubernetes.io/affinity"] == "cookie"
    backend = made["Ingress", "explorer"]["spec"]["rules"][0]["http"]["paths"][0]["backend"]["service"]
    assert backend["name"] == made["Service", "explorer"]["metadata"]["name"]
    scaler = made["HorizontalPodAutoscaler", "explorer"]["spec"]
    assert (scaler["scaleTargetRef"]["kind"], scaler["scaleTargetRef"]["name"]) in made
    assert "replicas" not in made["Deployment", "explorer"]["spec"]  # or every apply would undo the scaler


def test_the_same_variables_everywhere():
    """What compose tells the app, Kubernetes tells it too."""
    told = {each["name"] for each in container("explorer")["env"]}
    assert told == set(compose()["app"]["environment"])


def test_the_space_serves_the_image_s_port():
    _, front, _ = (DEPLOY / "huggingface" / "README.md").read_text(encoding="utf-8").split("---\n")
    assert yaml.safe_load(front)["sdk"] == "docker"
    assert yaml.safe_load(front)["app_port"] == PORT


def test_no_visitor_waits_for_files_to_be_watched():
    """However the server is started: Streamlit would go through every module that is loaded, for every session."""
    tomllib = pytest.importorskip("tomllib")  # Python 3.11
    settings = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text(encoding="utf-8"))
    assert settings["server"]["fileWatcherType"] == "none"
