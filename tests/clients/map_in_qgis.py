"""Draw a layer of `/ogc` with QGIS, without a screen: run by the system's Python, which has QGIS's bindings.

Arguments: address, collection, token (may be empty), filter (may be empty), west, south, east, north, picture. Printed,
as one line of JSON: what QGIS makes of the layer.
"""

import json
import os
import sys

from qgis.core import (
    QgsApplication,
    QgsAuthMethodConfig,
    QgsCoordinateReferenceSystem,
    QgsFeatureRequest,
    QgsGraduatedSymbolRenderer,
    QgsMapRendererParallelJob,
    QgsMapSettings,
    QgsRectangle,
    QgsRendererRange,
    QgsSymbol,
    QgsVectorLayer,
)
from qgis.PyQt.QtCore import QSize
from qgis.PyQt.QtGui import QColor


def kept_sign_in(token):
    """Keep the token as QGIS keeps sign-ins and return its name: `Basic`, which every version has."""
    manager = QgsApplication.authManager()
    manager.setMasterPassword("of the tests", True)
    config = QgsAuthMethodConfig("Basic")
    config.setName("qingtian")
    config.setConfigMap({"username": "token", "password": token})
    manager.storeAuthenticationConfig(config)
    return config.id()


def coloured(layer, field):
    """Colour the layer by a number in percent, as one does with figures."""
    renderer = QgsGraduatedSymbolRenderer(field)
    for lower, colour in ((0, "#d7191c"), (50, "#fdae61"), (60, "#ffffbf"), (70, "#a6d96a"), (80, "#1a9641")):
        symbol = QgsSymbol.defaultSymbol(layer.geometryType())
        symbol.setColor(QColor(colour))
        upper = 100 if lower == 80 else max(50, lower + 10)
        renderer.addClassRange(QgsRendererRange(lower, upper, symbol, f"{lower} %"))
    layer.setRenderer(renderer)


def main():
    url, collection, token, chosen = sys.argv[1:5]
    box = QgsRectangle(*map(float, sys.argv[5:9]))
    application = QgsApplication([], False)
    application.initQgis()
    address = f"url='{url}' typename='{collection}' pagingEnabled='true' restrictToRequestBBOX='1'"
    if token:
        address += f" authcfg={kept_sign_in(token)}"
    layer = QgsVectorLayer(address, collection, "OAPIF")
    if chosen:
        layer.setSubsetString(chosen)
    told = {"valid": layer.isValid(), "error": layer.error().message(), "count": layer.featureCount()}
    told["fields"] = {field.name(): field.typeName() for field in layer.fields()}
    if "rate_percent" in told["fields"]:
        coloured(layer, "rate_percent")
    settings = QgsMapSettings()
    settings.setLayers([layer])
    settings.setOutputSize(QSize(900, 700))
    settings.setBackgroundColor(QColor("white"))
    settings.setDestinationCrs(QgsCoordinateReferenceSystem("EPSG:4326"))
    settings.setExtent(box)
    job = QgsMapRendererParallelJob(settings)
    job.start()
    job.waitForFinished()
    job.renderedImage().save(sys.argv[9])
    told["errors"] = [error.message for error in job.errors()]
    told["in_box"] = sorted(feature["county_code"] for feature in layer.getFeatures(QgsFeatureRequest(box)))
    print(json.dumps(told), flush=True)
    os._exit(0)  # taking QGIS down again would read what Python has freed


main()
