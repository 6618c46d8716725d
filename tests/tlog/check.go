// Check a C2SP tlog-tiles folder with Go's own transparency-log packages (golang.org/x/mod/sumdb), none of Aforo's code.
//
// usage: check FOLDER VERIFIER-KEY [OLDER-CHECKPOINT]
//
// The note's signature, every tile against the root, every entry against its leaf, an inclusion proof of the first, middle and
// last entry; with an older checkpoint, that this log continues it. Prints what was checked; exit status 1 names what is wrong.
package main

import (
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const height = 8

type folder string

func (f folder) Height() int { return height }

func (f folder) SaveTiles([]tlog.Tile, [][]byte) {}

// Tile.Path of sumdb is tile/HEIGHT/LEVEL/NUMBER; C2SP leaves the height out and says entries for data.
func (f folder) path(t tlog.Tile) string {
	p := strings.TrimPrefix(t.Path(), fmt.Sprintf("tile/%d/", height))
	p = strings.Replace(p, "data/", "entries/", 1)
	return filepath.Join(string(f), "tile", p)
}

func (f folder) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	data := make([][]byte, len(tiles))
	for i, t := range tiles {
		b, err := os.ReadFile(f.path(t))
		if err != nil {
			return nil, err
		}
		if len(b) != t.W*tlog.HashSize {
			return nil, fmt.Errorf("%s has %d bytes, not %d", f.path(t), len(b), t.W*tlog.HashSize)
		}
		data[i] = b
	}
	return data, nil
}

func checkpoint(file, vkey string) tlog.Tree {
	b, err := os.ReadFile(file)
	if err != nil {
		log.Fatal(err)
	}
	verifier, err := note.NewVerifier(vkey)
	if err != nil {
		log.Fatal(err)
	}
	n, err := note.Open(b, note.VerifierList(verifier))
	if err != nil {
		log.Fatalf("%s: %v", file, err)
	}
	lines := strings.SplitN(n.Text, "\n", 4)
	if len(lines) < 4 || lines[0] != verifier.Name() {
		log.Fatalf("%s: the origin is not %s", file, verifier.Name())
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil {
		log.Fatalf("%s: %v", file, err)
	}
	root, err := base64.StdEncoding.DecodeString(lines[2])
	if err != nil || len(root) != tlog.HashSize {
		log.Fatalf("%s: the root is no hash", file)
	}
	t := tlog.Tree{N: size}
	copy(t.Hash[:], root)
	return t
}

func entries(f folder, tree tlog.Tree, reader tlog.HashReader) {
	for first := int64(0); first < tree.N; first += 1 << height {
		w := tree.N - first
		if w > 1<<height {
			w = 1 << height
		}
		t := tlog.Tile{H: height, L: -1, N: first >> height, W: int(w)}
		b, err := os.ReadFile(f.path(t))
		if err != nil {
			log.Fatal(err)
		}
		indexes := make([]int64, w)
		leaves := make([]tlog.Hash, w)
		for i := range leaves {
			if len(b) < 2 || len(b) < 2+int(binary.BigEndian.Uint16(b)) {
				log.Fatalf("%s ends in entry %d", f.path(t), i)
			}
			n := 2 + int(binary.BigEndian.Uint16(b))
			leaves[i] = tlog.RecordHash(b[2:n])
			indexes[i] = tlog.StoredHashIndex(0, first+int64(i))
			b = b[n:]
		}
		if len(b) != 0 {
			log.Fatalf("%s goes on after its last entry", f.path(t))
		}
		stored, err := reader.ReadHashes(indexes)
		if err != nil {
			log.Fatal(err)
		}
		for i := range leaves {
			if leaves[i] != stored[i] {
				log.Fatalf("entry %d is not the leaf of the tree", first+int64(i))
			}
		}
	}
}

func main() {
	log.SetFlags(0)
	if len(os.Args) != 3 && len(os.Args) != 4 {
		log.Fatal("usage: check FOLDER VERIFIER-KEY [OLDER-CHECKPOINT]")
	}
	f := folder(os.Args[1])
	tree := checkpoint(filepath.Join(string(f), "checkpoint"), os.Args[2])
	reader := tlog.TileHashReader(tree, f)
	root, err := tlog.TreeHash(tree.N, reader)
	if err != nil {
		log.Fatal(err)
	}
	if root != tree.Hash {
		log.Fatal("the tiles do not make the signed root")
	}
	entries(f, tree, reader)
	for _, i := range []int64{0, tree.N / 2, tree.N - 1} {
		proof, err := tlog.ProveRecord(tree.N, i, reader)
		if err != nil {
			log.Fatal(err)
		}
		leaf, err := reader.ReadHashes([]int64{tlog.StoredHashIndex(0, i)})
		if err != nil {
			log.Fatal(err)
		}
		if err := tlog.CheckRecord(proof, tree.N, tree.Hash, i, leaf[0]); err != nil {
			log.Fatalf("entry %d: %v", i, err)
		}
	}
	fmt.Printf("%d entries under the signed root\n", tree.N)
	if len(os.Args) == 4 {
		old := checkpoint(os.Args[3], os.Args[2])
		proof, err := tlog.ProveTree(tree.N, old.N, reader)
		if err != nil {
			log.Fatal(err)
		}
		if err := tlog.CheckTree(proof, tree.N, tree.Hash, old.N, old.Hash); err != nil {
			log.Fatalf("the log does not continue the older checkpoint: %v", err)
		}
		fmt.Printf("continues the checkpoint of %d entries\n", old.N)
	}
}
