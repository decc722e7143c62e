"""How egov is packaged; the versions it is tested with are pinned in etc/requirements.lock."""

from setuptools import find_packages, setup

setup(
    name="egov",
    version="0.1.0",
    description="An object-database CMS for the website groups of Chinese governments",
    license="MIT",
    license_files=["LICENSE"],
    python_requires=">=3.11",
    package_dir={"": "src"},
    packages=find_packages("src"),
    # Named here and not read from git, so that an unpacked tarball builds the same wheel.
    package_data={
        "egov": [
            "**/*.pt",
            "**/component.xml",
            "**/*.yaml",
            "**/static/**/*",
            "**/data/**/*",
            "**/locale/**/*.po",
            "**/locale/**/*.mo",
            "**/py.typed",
        ]
    },
    install_requires=[
        "argon2-cffi>=25.1",
        "babel>=2.18",
        "BTrees>=6.5",
        "Chameleon>=4.6",
        "chinesecalendar>=1.11",
        "click>=8.5",
        "colander>=2.0",
        "cryptography>=50.0",
        "deform>=3.0.1",
        "filetype>=1.2",
        "nh3>=0.3.8",
        "openpyxl>=3.1.5",
        "peppercorn>=0.6",
        "persistent>=6.9",
        "Pillow>=13.0",
        "prometheus_client>=0.26",
        "pyotp>=2.12",
        "pypdf>=7.1",
        "pypinyin>=0.55",
        "pyramid>=2.1",
        "pyramid_mailer>=0.15.1",
        "pyramid_retry>=2.1.1",
        "pyramid_tm>=2.6",
        "pyramid_zodbconn>=0.8.1",
        "python-docx>=1.2",
        "PyYAML>=6.0.3",
        "rich>=15.0",
        "rjieba>=0.2.2",
        "segno>=1.6.6",
        # pyramid and deform import pkg_resources, gone from setuptools 82.
        "setuptools>=80.10,<81",
        "tantivy>=0.27",
        "transaction>=5.1",
        "translationstring>=1.4",
        "tzdata>=2026.1",
        "waitress>=3.0.2",
        "zc.lockfile>=4.0",
        "ZEO>=6.2",
        "ZODB>=6.4",
        "zodburi>=3.0",
        "zope.interface>=8.7",
        "zxcvbn>=4.5",
    ],
    extras_require={
        # Several machines on PostgreSQL (etc/postgres.conf); psycopg2-binary needs no compiler.
        "postgres": ["psycopg2-binary>=2.9.13", "RelStorage>=4.3"],
    },
    entry_points={
        "console_scripts": ["egov = egov.cli:main"],
        "paste.app_factory": ["main = egov:main"],
    },
)
