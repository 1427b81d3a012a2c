"""The output folder: the only code that writes the site, and by the same steps the tables of a refresh.

A site is replaced as a whole or not at all. Rendered files wait in a private folder inside the output folder
(the same file system, so that a rename is atomic); ``commit`` then compares, refuses what it must not do,
writes down what it is going to do, and does it with renames alone::

    with Staging(out) as stage:
        stage.add("towns/aldford/index.html", b"...")
        result = stage.commit()          # leaving without it discards everything

What lies in the private folder, ``STATE`` below the output folder (hidden, and never to be published)::

    lock           held by the process that builds; the system lets go of it when that process dies
    manifest.json  {"version": 1, "files": {path: sha256}}: the files we made, and nobody else's
    staged/        the bytes of the next site, as far as they differ from what is there
    saved/         what those bytes are about to replace (hard links, so they cost no space)
    journal.json   the steps of a commit in progress, from before the first rename till after the last
    undo.json      the same steps, when a commit failed half way and is being taken back

Every step is one rename, and each can be repeated or reversed without harm. After a kill at any moment
:func:`recover` therefore ends with the new site if the journal was complete, and with the old one otherwise;
after an error (a full disk, a file that may not be replaced) the commit itself puts the old site back.
File contents are flushed to the disk before the journal is; the order of renames is left to the file system's
own journal. Nothing here depends on the clock, on the order of ``add`` calls, or on the folder's address.

What an author can cause is a :class:`SourceError`; its problems are located at the staged path, or at the
output folder's name:

=====================  =====================================================================================
code                   meaning
=====================  =====================================================================================
``output-path``        a path no site may have: empty, absolute, with ``..``, backslashes, control characters,
                       names that Windows reserves, names that are too long, or inside a private folder
``output-twice``       two things want to be the same file
``output-collision``   two paths that some systems take for one (letter case, Unicode normalisation), or a
                       path that would be both a file and a folder
``output-foreign``     a file that no build made is in the way, or fills the output folder
``output-link``        a symbolic link is in the way; what is written through it would land elsewhere
``output-not-folder``  the output folder is a file, or a link to nothing
``output-locked``      another process is building into the same folder
``output-manifest``    the list of files we made was damaged, so that nobody can say which are ours
``output-changed``     somebody changed a file while the site was being built
``output-failed``      the system refused: no space, no permission; the last good site is still there
=====================  =====================================================================================
"""

from __future__ import annotations

from generator.write.folder import Left, Signature, Site, untouched
from generator.write.journal import digest_of, recover
from generator.write.paths import STATE
from generator.write.replacing import recover_data, replace_files
from generator.write.staging import Staging, Written

__all__ = [
    "STATE",
    "Left",
    "Signature",
    "Site",
    "Staging",
    "Written",
    "digest_of",
    "recover",
    "recover_data",
    "replace_files",
    "untouched",
]
