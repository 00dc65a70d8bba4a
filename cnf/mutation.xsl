<?xml version="1.0" encoding="UTF-8"?>
<!-- SPDX-License-Identifier: Apache-2.0 -->
<!-- Sums up the report of a mutation test. A mutant that only ran out of time is not counted as killed -->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
	<xsl:output method="text"/>

	<xsl:template match="/mutations">
		<xsl:variable name="all" select="count(mutation)"/>
		<xsl:variable name="killed" select="count(mutation[@status='KILLED'])"/>
		<xsl:variable name="timedOut" select="count(mutation[@status='TIMED_OUT'])"/>
		<xsl:variable name="survived" select="count(mutation[@status='SURVIVED'])"/>
		<xsl:variable name="uncovered" select="count(mutation[@status='NO_COVERAGE'])"/>
		<xsl:for-each select="mutation[@status!='KILLED']">
			<xsl:sort select="@status"/>
			<xsl:sort select="mutatedClass"/>
			<xsl:sort select="lineNumber" data-type="number"/>
			<xsl:value-of select="concat(@status, ' ', sourceFile, ':', lineNumber, ' ', mutatedMethod, ': ', description, '&#10;')"/>
		</xsl:for-each>
		<xsl:for-each select="mutation[not(mutatedClass=preceding-sibling::mutation/mutatedClass)]">
			<xsl:sort select="mutatedClass"/>
			<xsl:variable name="of" select="../mutation[mutatedClass=current()/mutatedClass]"/>
			<xsl:value-of select="concat(format-number(count($of[@status='KILLED']) div count($of), '0.0%'), ' killed of ', count($of), ', ', count($of[@status='TIMED_OUT']), ' timed out: ', mutatedClass, '&#10;')"/>
		</xsl:for-each>
		<xsl:value-of select="concat('Mutants: ', $all, ', killed ', $killed, ' (', format-number($killed div $all, '0.0%'), '), timed out ', $timedOut, ', survived ', $survived, ', not covered ', $uncovered, ', other ', $all - $killed - $timedOut - $survived - $uncovered, '&#10;')"/>
	</xsl:template>
</xsl:stylesheet>
