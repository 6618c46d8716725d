#include <config.h>

#include "reports/out_pdf_attach.h"

#include <hpdf.h>
#include <hpdf_catalog.h>
#include <hpdf_doc.h>
#include <hpdf_namedict.h>
#include <hpdf_objects.h>
#include <hpdf_streams.h>

#include "reports/out_pdf_object.h"

/* The library's own HPDF_AttachFile takes a path, reads the file when the document is saved,
 * and names the attachment by the whole path. Source: ISO 32000-1, 7.7.4, 7.9.6, 7.11.4. */

static HPDF_NameTree embedded_files(HPDF_Doc doc)
{
    HPDF_NameDict names = HPDF_Catalog_GetNames(doc->catalog);
    if (names == NULL) {
        names = HPDF_NameDict_New(doc->mmgr, doc->xref);
        if (names == NULL || HPDF_Catalog_SetNames(doc->catalog, names) != HPDF_OK) {
            return NULL;
        }
    }
    HPDF_NameTree tree = HPDF_NameDict_GetNameTree(names, HPDF_NAME_EMBEDDED_FILES);
    if (tree == NULL) {
        tree = HPDF_NameTree_New(doc->mmgr, doc->xref);
        if (tree == NULL ||
            HPDF_NameDict_SetNameTree(names, HPDF_NAME_EMBEDDED_FILES, tree) != HPDF_OK) {
            return NULL;
        }
    }
    return tree;
}

static HPDF_Dict file_stream(HPDF_Doc doc, const void *packed, size_t len)
{
    HPDF_Dict stream = pdf_packed_stream(doc, packed, len);
    return stream != NULL && HPDF_Dict_AddName(stream, "Type", "EmbeddedFile") == HPDF_OK &&
                   HPDF_Dict_AddName(stream, "Subtype", "application/json") == HPDF_OK
               ? stream
               : NULL;
}

bool pdf_attach_to(HPDF_Doc doc, const char *name, const void *packed, size_t len)
{
    HPDF_NameTree tree = embedded_files(doc);
    HPDF_Dict stream = tree == NULL ? NULL : file_stream(doc, packed, len);
    HPDF_Dict spec = stream == NULL ? NULL : HPDF_Dict_New(doc->mmgr);
    if (spec == NULL || HPDF_Xref_Add(doc->xref, spec) != HPDF_OK) {
        return false;
    }
    HPDF_Dict files = HPDF_Dict_New(doc->mmgr);
    HPDF_String key = HPDF_String_New(doc->mmgr, name, NULL);
    return files != NULL && key != NULL &&
           HPDF_Dict_AddName(spec, "Type", "Filespec") == HPDF_OK &&
           HPDF_Dict_Add(spec, "F", HPDF_String_New(doc->mmgr, name, NULL)) == HPDF_OK &&
           HPDF_Dict_Add(spec, "UF", HPDF_String_New(doc->mmgr, name, NULL)) == HPDF_OK &&
           HPDF_Dict_Add(spec, "EF", files) == HPDF_OK &&
           HPDF_Dict_Add(files, "F", stream) == HPDF_OK &&
           HPDF_NameTree_Add(tree, key, spec) == HPDF_OK;
}
