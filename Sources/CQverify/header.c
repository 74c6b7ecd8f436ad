/* Compiles the public header on its own; its static assertions hold or this does not compile. */
#include "qverify.h"
